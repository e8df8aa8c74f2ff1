"""The reports internal audit asks for: one module each, listed in `engine.reports.index`.

They only read. Every line names the events it rests on; what was erased is said and passed over.
"""
