// WireFields goes through the fields of a serialized message without parsing
// it into an object.
#ifndef PORTRAIT_SERVER_HTTP_WIRE_FIELDS_H_
#define PORTRAIT_SERVER_HTTP_WIRE_FIELDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace portrait::http {

// Thread-compatible. `bytes` must outlive it.
class WireFields {
 public:
  explicit WireFields(absl::string_view bytes)
      : bytes_(bytes),
        in_(reinterpret_cast<const uint8_t*>(bytes.data()),
            static_cast<int>(bytes.size())) {}

  // Moves to the next field. Returns false at the end, if the bytes are
  // malformed, or if a field is neither a varint nor has a length.
  bool Next() {
    using google::protobuf::internal::WireFormatLite;
    const uint32_t tag = in_.ReadTag();
    if (tag == 0) {
      is_at_end_ = in_.ConsumedEntireMessage();
      return false;
    }
    number_ = WireFormatLite::GetTagFieldNumber(tag);
    if (number_ == 0) return false;
    const auto type = WireFormatLite::GetTagWireType(tag);
    has_length_ = type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (!has_length_ && type != WireFormatLite::WIRETYPE_VARINT) return false;
    if (!in_.ReadVarint64(&value_)) return false;
    if (!has_length_) return true;
    const auto begin = static_cast<size_t>(in_.CurrentPosition());
    if (value_ > bytes_.size() - begin) return false;
    content_ = bytes_.substr(begin, value_);
    return in_.Skip(static_cast<int>(value_));
  }
  // Whether Next has returned false because all fields were read.
  bool is_at_end() const { return is_at_end_; }

  int number() const { return number_; }  // at least 1
  bool has_length() const { return has_length_; }
  uint64_t value() const { return value_; }               // of a varint
  absl::string_view content() const { return content_; }  // otherwise

 private:
  const absl::string_view bytes_;
  google::protobuf::io::CodedInputStream in_;
  bool is_at_end_ = false;
  int number_ = 0;
  bool has_length_ = false;
  uint64_t value_ = 0;
  absl::string_view content_;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_WIRE_FIELDS_H_
