// The lengths of padded plaintexts.

using System.Globalization;
using ActorChat.Protocol.Pdus;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class PadmeTests
{
    [Fact]
    public void The_lengths_are_those_of_the_vector()
    {
        foreach (var row in Vectors.Load("modern-conversation-hybrid.json").GetProperty("padme").EnumerateObject())
        {
            Assert.Equal(row.Value.GetInt32(), Padme.LengthOf(int.Parse(row.Name, CultureInfo.InvariantCulture)));
        }
    }

    [Property]
    public Property A_length_grows_by_at_most_12_percent_and_then_stays() => Prop.ForAll(Arb.From(Gen.Choose(257, 1 << 24)), length =>
    {
        var padded = Padme.LengthOf(length);
        Assert.InRange(padded, length, length * 1.12);
        Assert.Equal(padded, Padme.LengthOf(padded));
    });

    [Fact]
    public void The_padded_text_of_the_vector_is_written_to_the_byte()
    {
        var plaintext = Vectors.Load("modern-conversation-hybrid.json").GetProperty("pdus").EnumerateArray()
            .Last(pdu => pdu.TryGetProperty("msg_type", out var type) && type.GetString() == "text").Hex("plaintext");
        Assert.Equal(plaintext, TextMessage.FromPlaintext(plaintext)!.ToPlaintext(1 << 16, pads: true));
    }

    [Fact]
    public void A_text_that_has_a_padded_length_already_stays_as_it_is()
    {
        var message = new TextMessage(Guid.NewGuid(), "");
        var fits = message with { Text = new string('x', Padme.MinLength - message.ToPlaintext(1000)!.Length) };
        var plaintext = fits.ToPlaintext(1000);
        Assert.Equal(Padme.MinLength, plaintext!.Length);
        Assert.Equal(plaintext, fits.ToPlaintext(1000, pads: true));
    }

    [Property(MaxTest = 500)]
    public Property A_padded_text_has_a_padded_length_and_is_the_same_text() => Prop.ForAll(Arb.From(Gen.Choose(0, 3000)), length =>
    {
        var message = new TextMessage(Guid.NewGuid(), new string('x', length));
        var plaintext = message.ToPlaintext(1 << 16, pads: true)!;
        Assert.Equal(Padme.LengthOf(plaintext.Length), plaintext.Length);
        Assert.Equal(message, TextMessage.FromPlaintext(plaintext));
    });

    [Property(MaxTest = 500)]
    public Property Padding_never_makes_a_text_too_long() => Prop.ForAll(Arb.From(Gen.Choose(0, 400).Zip(Gen.Choose(200, 500))), @case =>
    {
        var (length, maxSize) = @case;
        var message = new TextMessage(Guid.NewGuid(), new string('x', length));
        var plaintext = message.ToPlaintext(maxSize, pads: true);
        Assert.Equal(message.ToPlaintext(maxSize) is null, plaintext is null);
        Assert.InRange(plaintext?.Length ?? 0, 0, maxSize);
    });
}
