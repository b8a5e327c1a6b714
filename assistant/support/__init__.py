"""Does a passage bear a sentence out? Figures, names, dates and meaning, checked one by one."""
