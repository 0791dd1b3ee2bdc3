"""Files of others: delimited text, Parquet and Unicode, read strictly."""
