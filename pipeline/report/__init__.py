"""What a person looks at: the report, the dataset card, the story of one document."""
