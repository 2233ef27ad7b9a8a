"""credlint: which AWS credentials will it really use?"""

__version__ = "0.1.0"
