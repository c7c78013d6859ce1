"""The month: payments, prices, allotment, confirmations and statements, step by step."""
