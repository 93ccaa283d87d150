# Looks up contacts over HTTP/JSON and prints one line for each of them.
#
#     ruby batch_get.rb CONTACT…
#
# The environment variables PORTRAIT_URL (default http://127.0.0.1:7780) and
# PORTRAIT_TOKEN_FILE name the server and the file of the access token.
require "json"
require "net/http"

ITEMS_PER_CALL = 1000  # the server's limit
CALL_SECONDS = 120
TRIES = 5
LONGEST_WAIT_SECONDS = 60

# A call that the server refused, with the reason of its google.rpc.Status.
class CallError < StandardError
  attr_reader :reason

  def initialize(reason, message)
    super(message)
    @reason = reason
  end

  # The error of a response that is not 200.
  def self.of(response)
    error = JSON.parse(response.body)
    # google.rpc.ErrorInfo has the reason.
    reason = error.fetch("details", []).filter_map { |d| d["reason"] }.first
    new(reason, error["message"])
  rescue JSON::ParserError
    new(nil, "HTTP status #{response.code}")
  end
end

def send_message(url, token, message)
  http = Net::HTTP.new(url.host, url.port)
  http.use_ssl = url.scheme == "https"
  http.read_timeout = CALL_SECONDS + 10
  http.max_retries = 0
  http.post(url.path, JSON.generate(message),
            "Authorization" => "Bearer #{token}",
            "Content-Type" => "application/json",
            "X-Server-Timeout" => CALL_SECONDS.to_s)
rescue SystemCallError, SocketError, IOError, Timeout::Error => error
  raise CallError.new(nil, "no answer from #{url}: #{error.message}")
end

# The delay in seconds that the server asks for before the same call may
# succeed; nil if the caller should not repeat it.
def delay_of(response)
  return unless %w[429 503].include?(response.code) && response["Retry-After"]

  delay = Integer(response["Retry-After"], exception: false)
  delay if delay && delay <= LONGEST_WAIT_SECONDS
end

# Calls the server, and again if it says when to come back.
def call(url, token, message)
  (1..).each do |try|
    response = send_message(url, token, message)
    return JSON.parse(response.body) if response.code == "200"

    delay = delay_of(response)
    raise CallError.of(response) if delay.nil? || try == TRIES

    warn "HTTP status #{response.code}: again in #{delay} s"
    sleep delay
  end
end

# A line for people about one result.
def describe(result)
  error = result["error"]
  if error
    return case error["reason"]
           when "ERROR_REASON_INVALID_CONTACT" then "not a phone number"
           when "ERROR_REASON_SUPPRESSED" then "has objected to lookups"
           else "failed: #{error["message"]}"
           end
  end
  picture = result["profilePicture"]
  picture["url"] || picture["state"] || picture["registration"]
end

def main(contacts)
  token_file = ENV["PORTRAIT_TOKEN_FILE"]
  if contacts.empty? || token_file.nil?
    abort "usage: ruby batch_get.rb CONTACT…; set PORTRAIT_TOKEN_FILE to the " \
          "file of the access token"
  end
  token = File.read(token_file).strip
  url = URI((ENV["PORTRAIT_URL"] || "http://127.0.0.1:7780") +
            "/v1/profilePictures:batchGet")
  contacts.each_slice(ITEMS_PER_CALL) do |part|
    items = part.map { |contact| { contact: contact } }
    answer = call(url, token, { items: items })
    # The results are in the order of the items.
    part.zip(answer["results"]) do |contact, result|
      puts "#{contact} #{describe(result)}"
    end
  end
rescue CallError => error
  advice = {
    "ERROR_REASON_UNAUTHENTICATED" => "; check the file of the token",
    "ERROR_REASON_PERMISSION_DENIED" => "; use a token that may look up",
  }
  abort "#{error.message}#{advice[error.reason]}"
rescue SystemCallError => error
  abort "cannot read #{token_file}: #{error.message}"
end

main(ARGV)
