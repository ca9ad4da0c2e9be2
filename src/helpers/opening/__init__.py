"""Opening files: bytes to text columns under their own headers, before anything is believed."""
