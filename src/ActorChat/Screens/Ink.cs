// Colours and weights in a terminal's escape sequences, or none where colours are not wanted. A contact's colour is computed from its name, so
// it stays the same.

using System.Globalization;
using System.Text;

namespace ActorChat.Screens;

/// <summary>Writes text in colour.</summary>
/// <param name="isOn">Whether there are colours.</param>
internal sealed class Ink(bool isOn)
{
    /// <summary>Colours of the 256-colour palette that can be read on black and on white: a contrast of 3.5 to 1 or more with both.</summary>
    public static IReadOnlyList<int> Palette { get; } = [27, 28, 30, 64, 67, 94, 97, 99, 130, 133, 160, 163, 166, 168];

    /// <summary>Whether the user wants colours, by the convention of no-color.org.</summary>
    public static bool IsWanted => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Bold.</summary>
    public string Bold(string text) => With("1", text);

    /// <summary>Dim.</summary>
    public string Dim(string text) => With("2", text);

    /// <summary>What went well.</summary>
    public string Good(string text) => With("32", text);

    /// <summary>What went wrong.</summary>
    public string Bad(string text) => With("31", text);

    /// <summary>What is not certain.</summary>
    public string Doubtful(string text) => With("33", text);

    /// <summary>Something of a contact, in the contact's colour and bold.</summary>
    public string OfContact(string name, string text) => With(string.Create(CultureInfo.InvariantCulture, $"1;38;5;{ColourOf(name)}"), text);

    /// <summary>A contact's colour, from the name by FNV-1a, which is the same on every machine.</summary>
    public static int ColourOf(string name)
    {
        var hash = 2166136261;
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ octet) * 16777619;
        }

        return Palette[(int)(hash % (uint)Palette.Count)];
    }

    private string With(string code, string text) => isOn && text.Length > 0 ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
