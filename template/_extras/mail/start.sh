# `uv run poe inbox` shows the mail in another terminal; what is after registration= there is the token.
mailed=TOKEN
curl $api/auth/verify -H 'Content-Type: application/json' -d "{\"token\": \"$mailed\", \"password\": \"correct horse battery\"}"
