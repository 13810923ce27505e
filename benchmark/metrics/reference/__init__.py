"""What if the reference itself has errors?"""
