"""Readers know syntax only: a source becomes nodes with places. None of them raises for a bad text."""
