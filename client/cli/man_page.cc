#include "client/cli/man_page.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace portrait::cli {
namespace {

// Text for roff. A line that begins with a dot or an apostrophe would be a
// request; a hyphen would be typeset as another character than the user types.
std::string Escape(const std::string& text) {
  std::string escaped;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, ".") || absl::StartsWith(line, "'")) {
      escaped += "\\&";
    }
    absl::StrAppend(&escaped,
                    absl::StrReplaceAll(line, {{"\\", "\\e"}, {"-", "\\-"}}),
                    "\n");
  }
  escaped.pop_back();
  return escaped;
}

std::string Bold(const std::string& text) {
  return absl::StrCat("\\fB", Escape(text), "\\fP");
}

std::string Italic(const std::string& text) {
  return absl::StrCat("\\fI", Escape(text), "\\fP");
}

std::string FlagEntry(const FlagInfo& flag) {
  std::vector<std::string> names;
  for (const std::string& name : flag.names) names.push_back(Bold(name));
  std::string entry = absl::StrCat(".TP\n", absl::StrJoin(names, ", "));
  if (!flag.choices.empty()) {
    absl::StrAppend(&entry, " ", Italic(absl::StrJoin(flag.choices, "|")));
  } else if (flag.takes_value) {
    absl::StrAppend(&entry, " ", Italic("VALUE"));
  }
  absl::StrAppend(&entry, "\n", Escape(flag.about));
  if (!flag.initial.empty()) {
    absl::StrAppend(&entry, " Default: ", Escape(flag.initial), ".");
  }
  if (!flag.environment.empty()) {
    absl::StrAppend(&entry, "\n.br\nEnvironment: ", Bold(flag.environment));
  }
  return entry + "\n";
}

std::string Synopsis(const CommandInfo& command) {
  std::string line =
      Bold(command.path.empty() ? "portrait"
                                : absl::StrCat("portrait ", command.path));
  if (!command.commands.empty()) {
    absl::StrAppend(&line, " ", Italic("COMMAND"));
  }
  line += " [\\fIFLAGS\\fP]";
  for (const ArgumentInfo& argument : command.arguments) {
    const std::string name =
        absl::StrCat(Italic(argument.name), argument.repeated ? "..." : "");
    absl::StrAppend(&line, argument.required ? " " : " [", name,
                    argument.required ? "" : "]");
  }
  return line + "\n";
}

// Paragraphs of which each is a line; lines that are indented stay as they are.
std::string Paragraphs(const std::string& text) {
  std::string paragraphs;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    const bool kept = absl::StartsWith(line, " ");
    absl::StrAppend(&paragraphs, kept ? ".br\n.nf\n" : ".PP\n",
                    Escape(std::string(line)), kept ? "\n.fi\n" : "\n");
  }
  return paragraphs;
}

std::string Description(const CommandInfo& command) {
  std::string text = absl::StrCat(Escape(command.about), "\n");
  for (const ArgumentInfo& argument : command.arguments) {
    absl::StrAppend(&text, ".TP\n", Italic(argument.name), "\n",
                    Escape(argument.about), "\n");
  }
  return text + Paragraphs(command.footer);
}

std::string PageName(const CommandInfo& command) {
  return command.path.empty()
             ? "portrait"
             : absl::StrCat("portrait-",
                            absl::StrReplaceAll(command.path, {{" ", "-"}}));
}

std::string Page(const CommandInfo& root, const CommandInfo& command,
                 const std::string& version) {
  const std::string name = PageName(command);
  std::string page = absl::StrCat(
      ".TH ", absl::AsciiStrToUpper(name), " 1 \"\" \"portrait ", version,
      "\"\n.SH NAME\n", Escape(name), " \\- ",
      Escape(FirstSentence(command.about)), "\n.SH SYNOPSIS\n",
      Synopsis(command), ".SH DESCRIPTION\n", Description(command));
  if (!command.commands.empty()) page += ".SH COMMANDS\n";
  for (const CommandInfo& next : command.commands) {
    if (command.path.empty()) {
      absl::StrAppend(&page, ".TP\n", Bold(PageName(next)), "(1)\n",
                      Escape(next.about), "\n");
      continue;
    }
    absl::StrAppend(&page, ".SS ", Escape(next.name()), "\n", Synopsis(next),
                    ".PP\n", Description(next));
    for (const FlagInfo& flag : next.flags) page += FlagEntry(flag);
  }
  if (!command.flags.empty()) page += ".SH FLAGS\n";
  for (const FlagInfo& flag : command.flags) page += FlagEntry(flag);
  if (!command.path.empty() && !root.footer.empty() && command.footer.empty()) {
    absl::StrAppend(&page, ".SH EXIT STATUS\n", Paragraphs(root.footer));
  }
  if (command.path.empty()) {
    page +=
        ".SH FILES\n.TP\n\\fI~/.portrait/portraitd.json\\fP\nThe address of "
        "the portraitd that runs with this data folder.\n.TP\n"
        "\\fI~/.portrait/admin.token\\fP\nIts first token.\n"
        ".SH SEE ALSO\n\\fBportraitd\\fP(8)\n";
  } else {
    page +=
        ".SH SEE ALSO\n\\fBportrait\\fP(1) has the flags for the server "
        "and the token.\n";
  }
  return page;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ManPages(
    const CommandInfo& root, const std::string& version) {
  std::vector<std::pair<std::string, std::string>> pages;
  pages.emplace_back("portrait.1", Page(root, root, version));
  for (const CommandInfo& command : root.commands) {
    pages.emplace_back(absl::StrCat(PageName(command), ".1"),
                       Page(root, command, version));
  }
  return pages;
}

}  // namespace portrait::cli
