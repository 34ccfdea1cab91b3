// A command as a person writes it, in words. Only quotes have a meaning: there is no shell, so nothing that a shell would interpret has any effect.

using System.Text;

namespace ActorChat.Node;

/// <summary>Splits a command into its program and its arguments.</summary>
public static class CommandWords
{
    /// <summary>The words, separated by blanks outside '…' and "…"; null where a quote is not closed.</summary>
    public static IReadOnlyList<string>? Split(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var words = new List<string>();
        StringBuilder? word = null;
        char? quote = null;
        foreach (var character in command)
        {
            if (quote is null && char.IsWhiteSpace(character))
            {
                Finish();
            }
            else if (quote is null && character is '\'' or '"')
            {
                (quote, word) = (character, word ?? new StringBuilder());
            }
            else if (character == quote)
            {
                quote = null;
            }
            else
            {
                (word ??= new StringBuilder()).Append(character);
            }
        }

        Finish();
        return quote is null ? words : null;

        void Finish()
        {
            if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
    }
}
