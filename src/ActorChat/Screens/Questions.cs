// The questions before a node starts: its port and its directory file. An empty answer takes the default.

using System.Globalization;
using System.Text;

namespace ActorChat.Screens;

/// <summary>Asks on standard input.</summary>
internal static class Questions
{
    /// <summary>Asks for the port until the answer is one; null at the end of input.</summary>
    public static int? AskPort(int defaultPort)
    {
        while (true)
        {
            Console.Write($"Port for incoming conversations [{defaultPort}]: ");
            switch (Console.ReadLine()?.Trim())
            {
                case null:
                    return null;
                case "":
                    return defaultPort;
                case var text when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port):
                    return port;
                default:
                    Console.WriteLine("A port is a number from 0 to 65535.");
                    break;
            }
        }
    }

    /// <summary>Asks for the directory file; null at the end of input.</summary>
    public static string? AskFile(string defaultFile)
    {
        Console.Write($"Directory file [{defaultFile}]: ");
        var answer = Console.ReadLine()?.Trim();
        return answer is "" ? defaultFile : answer;
    }

    /// <summary>Asks for a yes; anything else is a no.</summary>
    public static bool Confirm(string question)
    {
        Console.Error.Write($"{question} [y/N] ");
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
}
