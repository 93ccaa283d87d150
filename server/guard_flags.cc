#include "server/guard_flags.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

void AddShareFlag(Flags& flags, const std::string& flag, double* value,
                  const std::string& help) {
  flags.Parsed(
      flag, "SHARE", absl::StrCat(*value), "a number above 0, 1 at most",
      [value](const std::string& text) {
        return absl::SimpleAtod(text, value) && *value > 0 && *value <= 1;
      },
      help);
}

}  // namespace

void AddGuardFlags(Flags& flags, bool& is_on, EnumerationGuardOptions& guard) {
  flags.Group("Enumeration guard");
  flags.Parsed(
      "--enumeration-guard", "on|off", "on", "on or off",
      [&is_on](const std::string& text) {
        is_on = text == "on";
        return is_on || text == "off";
      },
      "Refuse new numbers from a tenant that enumerates a number range. To "
      "exempt one tenant: portrait token create --unguarded");
  flags.Count(
      "--enumeration-neighbours", "COUNT", 1, 100, &guard.neighbours,
      "A new number counts as crowded if the tenant requested at least this "
      "many of the 100 numbers that differ in the last two digits");
  flags.Count(
      "--enumeration-density", "COUNT", 1, 10'000, &guard.density,
      "A new number also counts as crowded if the tenant requested at least "
      "this many of the 10,000 numbers that differ in the last four digits");
  flags.Count("--enumeration-own-block", "COUNT", 0, 1'000'000,
              &guard.own_block,
              "Number of crowded numbers that a tenant may request in eight "
              "weeks, such as the numbers of its own staff");
  AddShareFlag(
      flags, "--enumeration-crowded-share", &guard.crowded_share,
      "Pause a tenant if this share of its latest new numbers is crowded");
  AddShareFlag(flags, "--enumeration-unregistered-share",
               &guard.unregistered_share,
               "Pause a tenant if this share of its latest new numbers is not "
               "on WhatsApp");
  flags.Duration(
      "--enumeration-pause", &guard.pause,
      "Length of the first pause; doubles with each pause within a day");
}

}  // namespace portrait
