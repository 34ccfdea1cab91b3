// The questions before a node starts: its port and its directory file. An empty answer takes the default.

using System.Globalization;
using System.Text;
using ActorChat.Node.Consoles;
using ActorChat.Screens.Terminal;

namespace ActorChat.Screens;

/// <summary>Asks on standard input.</summary>
internal static class Questions
{
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

    /// <summary>Asks for the directory file until it is one that is there, or the one that may be made; null at the end of input.</summary>
    /// <param name="defaultFile">What an empty answer means.</param>
    /// <param name="canBeMade">Whether that one need not be there.</param>
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

    /// <summary>Asks for one line, without the spaces around it; null at the end of input.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="defaultAnswer">What an empty answer means; empty where there is no such thing.</param>
    /// <param name="isFile">Whether the answer is the name of a file.</param>
    public static string? Ask(string question, string defaultAnswer, bool isFile = false)
    {
        var prompt = Printable.Line(defaultAnswer.Length > 0 ? $"{question} [{defaultAnswer}]: " : $"{question}: ");
        return Read(prompt, isFile)?.Trim() is { } answer ? (answer.Length > 0 ? answer : defaultAnswer) : null;
    }

    /// <summary>Asks for a yes; anything else is a no.</summary>
    public static bool Confirm(string question)
    {
        var columns = Console.IsErrorRedirected || Console.WindowWidth <= 0 ? int.MaxValue : Console.WindowWidth;
        Console.Error.Write(string.Join('\n', Wrapping.Wrap($"{question} [y/N] ", columns, head: 0, indent: 0)));
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    /// <summary>Asks for a secret on the terminal, not on standard output; null at the end of input.</summary>
    public static string? AskSecret(string question)
    {
        if (!Console.IsInputRedirected)
        {
            Console.Error.Write(question); // through a pipe nobody sees it, and it would stand before what an error says
        }

        return ReadSecret();
    }

    /// <summary>Asks for a new secret, on a terminal twice, since nobody sees what is typed.</summary>
    /// <exception cref="IOException">Nothing was typed, or not the same twice.</exception>
    public static string AskNewSecret(string question)
    {
        var secret = AskSecret(question);
        if (string.IsNullOrEmpty(secret))
        {
            throw new IOException("nothing was typed; nothing was changed");
        }

        return Console.IsInputRedirected || AskSecret("Again: ") == secret ? secret : throw new IOException("the two are not the same; nothing was changed");
    }

    /// <summary>Reads a line without showing it; through a pipe there is nothing to show.</summary>
    public static string? ReadSecret()
    {
        if (Console.IsInputRedirected)
        {
            return Console.ReadLine();
        }

        var secret = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                secret.Length = Math.Max(0, secret.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return secret.ToString();
    }

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
