-- Who was told that another account has proven a number is looked for when that proof is given back.
CREATE INDEX real_name_check_state ON real_name_check (state, id);
