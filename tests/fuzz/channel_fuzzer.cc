// Fuzzes the JSON with a channel's facts, inside an answer.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/channel_query.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::ChannelAnswer;
using whatsapp::MakeNode;
using whatsapp::Node;

void ExpectPath(const std::string& path) {
  Expect(path.empty() || absl::StartsWith(path, "/"), "a path has no host");
}

void Run(absl::string_view json) {
  const Node iq = MakeNode(
      "iq", {{"type", "result"}},
      Node::Children{MakeNode("result", {}, Node::Bytes{std::string(json)})});
  const absl::StatusOr<ChannelAnswer> answer = whatsapp::ParseChannelAnswer(iq);
  if (!answer.ok()) return ExpectPresentable(answer.status());
  ExpectPath(answer->image_path);
  ExpectPath(answer->preview_path);
  const bool has_picture =
      !answer->image_path.empty() || !answer->preview_path.empty();
  Expect(has_picture == !answer->picture_id.empty(), "a picture has an id");
  Expect(answer->exists || (answer->name.empty() && !has_picture),
         "nothing is told of what does not exist");
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
