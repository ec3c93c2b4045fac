"""History: results kept from run to run, and where they changed for good."""
