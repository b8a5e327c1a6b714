"""One module per format: bytes in, a document's text, places and stated metadata out."""
