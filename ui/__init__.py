"""Every way in: each face encodes the assistant's events and guards its door."""
