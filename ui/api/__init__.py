"""The HTTP interface that partner tools build on."""
