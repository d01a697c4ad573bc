"""Values, enums and errors: what the hub talks about, and nothing that does anything."""
