"""What the commands of `python -m rac_model` print."""
