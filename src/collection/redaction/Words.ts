/**
 * Words that are private here and nowhere else: the name of the machine, of the person logged in to it, and what an
 * application adds.
 *
 * @since 0.1.0
 */
import { occurs, type Rule } from "./Rule.js"

/** Short words, and those that every other machine has too, say nothing and would spoil much. */
const common = new Set(
  ("root user users admin administrator home node test tests runner runneradmin ubuntu debian fedora centos alpine localhost " +
    "localdomain local default guest nobody daemon docker container vagrant jenkins github gitlab codespace gitpod vscode " +
    "circleci travis build builder deploy deployer server worker host main system service www-data ec2-user azureuser git " +
    "app apps dev developer desktop laptop macbook postgres mysql redis nginx java python bash shell code data temp linux windows darwin")
    .split(" ")
)
const minLength = 4

const escape = (word: string): string => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")

/**
 * One rule for lists of words, each with what replaces them; null when no word is telling. A word counts where it stands
 * alone, in any case.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  name: string,
  lists: ReadonlyArray<readonly [words: ReadonlyArray<string>, replacement: string]>
): Rule | null => {
  const replacements = new Map<string, string>()
  for (const [words, replacement] of lists) {
    for (const word of words) {
      const lower = word.toLowerCase()
      if (word.length >= minLength && !common.has(lower) && !replacements.has(lower)) {
        replacements.set(lower, replacement)
      }
    }
  }
  if (replacements.size === 0) return null
  const longestFirst = [...replacements.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.map(escape).join("|")})(?![\\p{L}\\p{N}])`, "giu")
  return {
    name,
    needs: 0,
    apply: (text) =>
      occurs(pattern, text)
        ? text.replace(pattern, (word, at: number, whole: string) => {
          // What a rule has put there is left alone, should somebody be called like one.
          const token = whole[at - 1] === "[" && whole[at + word.length] === "]"
          return token ? word : replacements.get(word.toLowerCase()) ?? "[redacted]"
        })
        : text
  }
}
