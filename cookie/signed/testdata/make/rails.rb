# Writes what ActiveSupport::MessageVerifier makes, as Rails' signed cookie jar
# calls it: one JSON object a line. Debian: ruby-activesupport.
require "active_support"
require "active_support/message_verifier"
require "active_support/key_generator"
require "active_support/json"
require "active_support/core_ext/integer/time"
require "json"
require "cgi"

LIBRARY = "activesupport #{ActiveSupport.version}"
BASE = "secret key base"
MADE = 1512226800

def put(vector)
  puts JSON.generate({ library: LIBRARY, format: "rails", name: "uid", secrets: [BASE], made: MADE }.merge(vector))
end

[%w[SHA1 SHA1], %w[SHA256 SHA1], %w[SHA256 SHA256]].each do |digest, key_digest|
  # KeyGenerator of Rails 7.0 takes hash_digest_class; of 6.1 it has SHA1 only.
  key = OpenSSL::KDF.pbkdf2_hmac(BASE, salt: "signed cookie", iterations: 1000, length: 64,
                                 hash: OpenSSL::Digest.new(key_digest))
  if key_digest == "SHA1"
    raise "key" unless key == ActiveSupport::KeyGenerator.new(BASE, iterations: 1000).generate_key("signed cookie")
  end
  verifier = ActiveSupport::MessageVerifier.new(key, digest: digest, serializer: JSON)
  opts = { digest: digest, key_digest: key_digest }
  [42, "u807290", { "uid" => 1, "lang" => "化粧水" }].each do |v|
    put opts.merge(value: CGI.escape(verifier.generate(v)), want: JSON.generate(v))
    put opts.merge(value: CGI.escape(verifier.generate(v, purpose: "cookie.uid")), want: JSON.generate(v))
    put opts.merge(value: CGI.escape(verifier.generate(v, purpose: "cookie.uid", expires_at: Time.at(MADE + 3600).utc)),
                   want: JSON.generate(v), expires: MADE + 3600)
  end
  put opts.merge(value: CGI.escape(verifier.generate(1, purpose: "cookie.other")), error: "unverified")
end
