// The questions before a node starts, such as its port and its directory file, and those for secrets. An empty answer takes the default.

using System.Globalization;
using ActorChat.Node;
using ActorChat.Screens.Terminal;
using ActorChat.Storage.Sealing;

namespace ActorChat.Screens;

/// <summary>Asks on standard input.</summary>
internal static class Questions
{
    private const int MaxSecretLength = 4096;

    /// <summary>Asks for the port until the answer is one; null at the end of input.</summary>
    public static int? AskPort(int defaultPort)
    {
        while (true)
        {
            switch (Ask("Port for incoming conversations", $"{defaultPort}"))
            {
                case null:
                    return null;
                case var text when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port):
                    return port;
                default:
                    Console.WriteLine("A port is a number from 0 to 65535.");
                    break;
            }
        }
    }

    /// <summary>Asks for the directory file until the answer is a file that exists, or the one that may be made; null at the end of input.</summary>
    /// <param name="defaultFile">The file for an empty answer.</param>
    /// <param name="canBeMade">Whether the default file need not exist.</param>
    public static string? AskFile(string defaultFile, bool canBeMade)
    {
        while (true)
        {
            var answer = Ask("Directory file", Home.Shorten(defaultFile), isFile: true);
            if (answer is null)
            {
                return null;
            }

            var file = Home.Expand(answer);
            if (Path.Exists(file) || (canBeMade && file == defaultFile))
            {
                return file;
            }

            Console.WriteLine($"{Printable.Line(answer)}: there is no such file; name another.");
        }
    }

    /// <summary>Asks for one line, without the spaces around it; null at the end of input, and for "/quit".</summary>
    /// <param name="question">The question.</param>
    /// <param name="defaultAnswer">The answer for an empty line; empty where there is none.</param>
    /// <param name="isFile">Whether the answer is the name of a file.</param>
    public static string? Ask(string question, string defaultAnswer, bool isFile = false)
    {
        var prompt = Printable.Line(defaultAnswer.Length > 0 ? $"{question} [{defaultAnswer}]: " : $"{question}: ");
        return Read(prompt, isFile)?.Trim() switch
        {
            null or "/quit" => null,
            "" => defaultAnswer,
            var answer => answer,
        };
    }

    /// <summary>Asks for a yes; anything else is a no.</summary>
    public static bool Confirm(string question)
    {
        Console.Error.Write(string.Join('\n', Wrapping.Wrap($"{question} [y/N] ", TerminalOutput.Columns(Console.IsErrorRedirected), head: 0, indent: 0)));
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    /// <summary>Asks for a secret on the terminal, not on standard output; null where nothing is typed, and at the end of input.</summary>
    public static Passphrase? AskSecret(string question)
    {
        if (!Console.IsInputRedirected)
        {
            Console.Error.Write(question); // through a pipe nobody would see it, and it would come before an error message
        }

        return ReadSecret(text => text is [] ? null : Passphrase.Of(text));
    }

    /// <summary>Asks for a new secret, on a terminal twice, since nobody sees what is typed.</summary>
    /// <exception cref="IOException">Nothing was typed, or the two differ.</exception>
    public static Passphrase AskNewSecret(string question)
    {
        var secret = AskSecret(question) ?? throw new IOException("nothing was typed; nothing was changed");
        if (!Console.IsInputRedirected)
        {
            using var again = AskSecret("Again: ");
            if (again is null || !again.IsSame(secret))
            {
                secret.Dispose();
                throw new IOException("the two are not the same; nothing was changed");
            }
        }

        return secret;
    }

    /// <summary>Reads a contact's password without showing it; null at the end of input.</summary>
    public static string? ReadPassword() => ReadSecret(text => text.ToString());

    // Reads a line into a buffer that is then cleared. The console's own buffers still keep what they read.
    private static T? ReadSecret<T>(Func<ReadOnlySpan<char>, T?> take)
        where T : class
    {
        var text = GC.AllocateArray<char>(MaxSecretLength, pinned: true);
        try
        {
            return (Console.IsInputRedirected ? ReadLine(text) : ReadKeys(text)) is { } length ? take(text.AsSpan(0, length)) : null;
        }
        finally
        {
            text.AsSpan().Clear();
        }
    }

    // Null at the end of input.
    private static int? ReadLine(Span<char> text)
    {
        for (var length = 0; ; length++)
        {
            var character = Console.In.Read();
            if (character is -1 or '\n')
            {
                return character == -1 && length == 0 ? null : length > 0 && text[length - 1] == '\r' ? length - 1 : length;
            }

            Put(text, length, (char)character);
        }
    }

    private static int ReadKeys(Span<char> text)
    {
        var length = 0;
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                length = Math.Max(0, length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                Put(text, length++, key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return length;
    }

    private static void Put(Span<char> text, int at, char character) =>
        text[at < text.Length ? at : throw new IOException($"a secret has at most {MaxSecretLength} characters")] = character;

    private static string? Read(string prompt, bool isFile)
    {
        if (TerminalConsole.IsPossible)
        {
            return LinePrompt.Read(prompt, isFile);
        }

        Console.Write(prompt);
        return Console.ReadLine();
    }
}
