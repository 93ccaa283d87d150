#include "core/session/address_choice.h"

#include "core/contact/precedence.h"

namespace portrait {
namespace {

using whatsapp::UsyncUser;

const UsyncUser kLeftOut;

const UsyncUser& Find(const UsyncUsers& users, const whatsapp::Jid& jid) {
  const auto found = users.find(jid);
  return found == users.end() ? kLeftOut : *found->second;
}

AddressState StateOf(const UsyncUser& user) {
  if (!user.registered.value.has_value()) return AddressState::kUndecided;
  return *user.registered.value ? AddressState::kRegistered
                                : AddressState::kNotRegistered;
}

}  // namespace

bool AsksBothAddresses(const ContactTask& task) {
  return task.urgent && task.contact.HasTwoAddresses() &&
         !task.IsKnownRegistered() && !task.other_is_ruled_out;
}

const UsyncUser* ChooseAddress(const UsyncUsers& users, ContactTask* task) {
  Contact& contact = task->contact;
  const UsyncUser& first = Find(users, contact.jid);
  if (!contact.HasTwoAddresses()) return &first;
  const AddressState state = StateOf(first);
  if (task->other_is_ruled_out) {
    // If neither address is registered, the likelier one becomes the first.
    if (state == AddressState::kNotRegistered) contact.SwapAddresses();
    return &first;
  }
  const auto other = users.find(contact.other_jid);
  if (other == users.end()) {
    if (state != AddressState::kNotRegistered) return &first;
    contact.SwapAddresses();
    task->other_is_ruled_out = true;
    return nullptr;
  }
  if (CountsBefore({state}, {StateOf(*other->second)})) return &first;
  contact.SwapAddresses();
  return other->second;
}

}  // namespace portrait
