"""The four programs that hellokit grew out of, written anew from what their report tells.

They are measured beside what has taken their place, and serve nothing else.
"""
