// Checks the JIDs of contacts in requests.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CONTACT_RULES_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CONTACT_RULES_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// Returns the JID in that attribute of `node`.
//
// Errors: those of Broken(): not encoded as a JID, a device part, a LID with
// the server part of phone numbers, or the announcements account.
absl::StatusOr<whatsapp::Jid> ContactJid(const Asker& asker,
                                         const whatsapp::Node& node,
                                         absl::string_view attribute);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CONTACT_RULES_H_
