#include "core/whatsapp/compression.h"

#include <zlib.h>

#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace portrait::whatsapp {
namespace {

constexpr size_t kChunkBytes = 64 * 1024;

// Frees zlib's state on every return.
class Inflater {
 public:
  Inflater() { ready_ = inflateInit(&stream_) == Z_OK; }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_ = {};
  bool ready_ = false;
};

absl::Status Refuse(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("zlib stream: ", why));
}

}  // namespace

std::string Deflate(absl::string_view data) {
  uLongf size = compressBound(data.size());
  std::string stream(size, '\0');
  const int result =
      compress(reinterpret_cast<Bytef*>(stream.data()), &size,
               reinterpret_cast<const Bytef*>(data.data()), data.size());
  // Out of memory: the bound is always large enough.
  if (result != Z_OK) std::abort();
  stream.resize(size);
  return stream;
}

absl::StatusOr<std::string> Inflate(absl::string_view stream,
                                    size_t max_bytes) {
  Inflater inflater;
  if (!inflater.ready()) return absl::InternalError("zlib: out of memory");
  z_stream& z = inflater.stream();
  z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(stream.data()));
  z.avail_in = static_cast<uInt>(stream.size());

  std::string output;
  std::vector<Bytef> chunk(kChunkBytes);
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    z.next_out = chunk.data();
    z.avail_out = static_cast<uInt>(chunk.size());
    result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_BUF_ERROR) return Refuse("it is cut short");
    if (result != Z_OK && result != Z_STREAM_END) return Refuse("damaged");
    const size_t produced = chunk.size() - z.avail_out;
    if (output.size() + produced > max_bytes) {
      return Refuse(
          absl::StrCat("it inflates to more than ", max_bytes, " bytes"));
    }
    output.append(reinterpret_cast<const char*>(chunk.data()), produced);
  }
  if (z.avail_in != 0) return Refuse("bytes follow its end");
  return output;
}

}  // namespace portrait::whatsapp
