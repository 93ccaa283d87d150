<?php
// Looks up contacts over HTTP/JSON and prints one line for each of them.
//
//     php batch_get.php CONTACT…
//
// The environment variables PORTRAIT_URL (default http://127.0.0.1:7780) and
// PORTRAIT_TOKEN_FILE name the server and the file of the access token.
declare(strict_types=1);

const ITEMS_PER_CALL = 1000;  // the server's limit
const CALL_SECONDS = 120;
const TRIES = 5;
const LONGEST_WAIT_SECONDS = 60;

// A call that the server refused, with the reason of its google.rpc.Status.
final class CallError extends RuntimeException
{
    public function __construct(public readonly string $reason, string $message)
    {
        parent::__construct($message);
    }
}

// Sends a request. Returns the HTTP status, the delay that the server asks for
// in seconds (null without one), and the body.
function send(string $url, string $token, array $message): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'protocol_version' => 1.1,
        'header' => [
            "Authorization: Bearer $token",
            'Content-Type: application/json',
            'X-Server-Timeout: ' . CALL_SECONDS,
        ],
        'content' => json_encode($message, JSON_THROW_ON_ERROR),
        'timeout' => CALL_SECONDS + 10,
        'follow_location' => 0,
        'ignore_errors' => true,  // the body of an error is read, too
    ]]);
    $stream = @fopen($url, 'rb', false, $context);
    if ($stream === false) {
        throw new CallError('', "no server answers at $url");
    }
    $headers = stream_get_meta_data($stream)['wrapper_data'];
    $body = stream_get_contents($stream);
    $status = (int) explode(' ', $headers[0])[1];
    $delay = null;
    foreach ($headers as $header) {
        if (preg_match('/^Retry-After: *(\d+)$/i', $header, $found)) {
            $delay = (int) $found[1];
        }
    }
    return [$status, $delay, $body];
}

// The error of a response that is not 200.
function call_error(int $status, string $body): CallError
{
    $error = json_decode($body, true);
    $reason = '';
    foreach ($error['details'] ?? [] as $detail) {
        $reason = $detail['reason'] ?? $reason;  // google.rpc.ErrorInfo
    }
    return new CallError($reason, $error['message'] ?? "HTTP status $status");
}

// Calls the server, and again if it says when to come back.
function call(string $url, string $token, array $message): array
{
    for ($try = 1; ; $try++) {
        [$status, $delay, $body] = send($url, $token, $message);
        if ($status === 200) {
            return json_decode($body, true, 512, JSON_THROW_ON_ERROR);
        }
        if (!in_array($status, [429, 503], true) || $delay === null ||
            $delay > LONGEST_WAIT_SECONDS || $try === TRIES) {
            throw call_error($status, $body);
        }
        fprintf(STDERR, "HTTP status %d: again in %d s\n", $status, $delay);
        sleep($delay);
    }
}

// A line for people about one result.
function describe(array $result): string
{
    $error = $result['error'] ?? null;
    if ($error !== null) {
        return match ($error['reason'] ?? '') {
            'ERROR_REASON_INVALID_CONTACT' => 'not a phone number',
            'ERROR_REASON_SUPPRESSED' => 'has objected to lookups',
            default => "failed: {$error['message']}",
        };
    }
    $picture = $result['profilePicture'];
    return $picture['url'] ?? $picture['state'] ?? $picture['registration'];
}

function main(array $contacts): void
{
    $token_file = getenv('PORTRAIT_TOKEN_FILE');
    if ($contacts === [] || $token_file === false) {
        throw new CallError('', 'usage: php batch_get.php CONTACT…; set ' .
            'PORTRAIT_TOKEN_FILE to the file of the access token');
    }
    $token = @file_get_contents($token_file);
    if ($token === false) {
        throw new CallError('', "cannot read $token_file");
    }
    $url = (getenv('PORTRAIT_URL') ?: 'http://127.0.0.1:7780') .
        '/v1/profilePictures:batchGet';
    foreach (array_chunk($contacts, ITEMS_PER_CALL) as $part) {
        $items = array_map(fn ($contact) => ['contact' => $contact], $part);
        $answer = call($url, trim($token), ['items' => $items]);
        // The results are in the order of the items.
        foreach ($answer['results'] as $i => $result) {
            echo $part[$i], ' ', describe($result), "\n";
        }
    }
}

try {
    main(array_slice($argv, 1));
} catch (CallError $error) {
    $advice = match ($error->reason) {
        'ERROR_REASON_UNAUTHENTICATED' => '; check the file of the token',
        'ERROR_REASON_PERMISSION_DENIED' => '; use a token that may look up',
        default => '',
    };
    fwrite(STDERR, "{$error->getMessage()}$advice\n");
    exit(1);
}
