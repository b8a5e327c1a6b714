"""Steps of understanding a question: spelling, courtesies, what is asked, language, subject."""
