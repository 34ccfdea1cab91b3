// Texts for the properties: graphemes of every kind that a person may type, none of which joins its neighbour.

using FsCheck;
using FsCheck.Fluent;

namespace ActorChat.Tests.Terminal;

/// <summary>A text, grapheme by grapheme.</summary>
public sealed record Graphemes(string[] Each)
{
    public string Text => string.Concat(Each);
}

/// <summary>Any string without lone surrogates.</summary>
public sealed record AnyText(string Text);

public static class Generators
{
    private static readonly string[] Kinds =
        ["a", "Z", "7", " ", "-", "é", "e\u0301", "日", "한", "👍🏽", "👨‍👩‍👧", "❤️", "\n", "\t", "\u001b", "\u202e", "ß", "_", "😀"];

    public static Arbitrary<Graphemes> Graphemes() =>
        Gen.Elements(Kinds).ArrayOf().Select(each => new Graphemes(each)).ToArbitrary();

    public static Arbitrary<AnyText> AnyText() =>
        Gen.OneOf(Gen.Elements(Kinds), Gen.Choose(0, 0xd7ff).Select(code => ((char)code).ToString()), Gen.Choose(0x10000, 0x10ffff).Select(char.ConvertFromUtf32))
            .ArrayOf().Select(parts => new AnyText(string.Concat(parts))).ToArbitrary();
}
