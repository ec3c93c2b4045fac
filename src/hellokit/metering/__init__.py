"""What is counted: records, histograms, the shards they are kept in, and snapshots of them."""
