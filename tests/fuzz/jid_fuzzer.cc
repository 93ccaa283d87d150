// Fuzzes JIDs as text: an accepted text must be written and parsed again as the
// same JID.
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/base/utf8.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node_codec.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::Jid;

void Run(absl::string_view text) {
  const absl::StatusOr<Jid> jid = whatsapp::ParseJid(text);
  if (!jid.ok()) return ExpectPresentable(jid.status());
  const absl::StatusOr<Jid> again = whatsapp::ParseJid(jid->ToString());
  Expect(again.ok() && *again == *jid, "its text reads to the same");
  const Jid account = jid->WithoutDevice();
  Expect(account.WithoutDevice() == account, "an account has no device");
  if (!IsUtf8(text)) return;
  // The same holds on the wire, for all JIDs that have a wire form.
  const whatsapp::Node node = whatsapp::MakeNode("a", {{"to", *jid}});
  const auto decoded = whatsapp::DecodeNode(whatsapp::EncodeNode(node));
  Expect(decoded.ok(), "it can be sent");
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
