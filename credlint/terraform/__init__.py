"""Terraform as Terraform means it: modules, names and expressions, evaluated as far as they are known."""
