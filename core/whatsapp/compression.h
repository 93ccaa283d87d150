// Inflates and deflates zlib streams (RFC 1950), the form of a compressed node.
#ifndef PORTRAIT_CORE_WHATSAPP_COMPRESSION_H_
#define PORTRAIT_CORE_WHATSAPP_COMPRESSION_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

std::string Deflate(absl::string_view data);

// Inflates one complete stream. Stops as soon as the result would exceed
// `max_bytes`.
//
// Errors: INVALID_ARGUMENT for a stream that is damaged, truncated, followed by
// other data or too long.
absl::StatusOr<std::string> Inflate(absl::string_view stream, size_t max_bytes);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_COMPRESSION_H_
