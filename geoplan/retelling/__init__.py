"""A finished result told again from its folder: report and brief, in the forms that are asked."""
