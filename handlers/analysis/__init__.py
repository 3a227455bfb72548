"""Arithmetic only: values in, a value or a small frozen result out."""
