"""The parts of rivals.py that need its virtual environment."""
