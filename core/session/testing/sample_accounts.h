// Sample accounts, one for each state that is stored. The records that each
// earlier version has written are in tests/data.
#ifndef PORTRAIT_CORE_SESSION_TESTING_SAMPLE_ACCOUNTS_H_
#define PORTRAIT_CORE_SESSION_TESTING_SAMPLE_ACCOUNTS_H_

#include <vector>

#include "core/session/account.h"

namespace portrait {

// By name; equal at every call, because their keys are constants.
std::vector<Account> SampleAccounts();

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_TESTING_SAMPLE_ACCOUNTS_H_
