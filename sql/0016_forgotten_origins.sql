-- A new password makes the places strange again that were known by the old one: whoever had stolen it was let in there.
GRANT DELETE ON sign_in_origins TO latchkey_console;
