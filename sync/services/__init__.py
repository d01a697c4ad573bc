"""One module for each thing that a caller, a timer or a workflow asks of the hub."""
