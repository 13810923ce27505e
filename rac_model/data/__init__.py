"""What models are trained on and measured on: notes as ids, codes, word vectors."""
