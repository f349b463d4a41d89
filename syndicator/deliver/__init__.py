"""Fifth stage: documents replaced whole, notices sent until they are acknowledged or given up."""
