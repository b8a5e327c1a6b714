"""What a question says of the documents it wants: conditions shown, and refused at will."""
