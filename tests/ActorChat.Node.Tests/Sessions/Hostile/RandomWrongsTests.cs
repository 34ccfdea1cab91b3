// Mutates the structure of a PDU at random, at any step. Its author seals the result, so that the later checks are reached too, and sends it in
// random segments. An oracle, which knows the protocol page and nothing of the node, says what must follow.

using System.Globalization;
using System.Text;
using ActorChat.Protocol.Pdus;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Node.Tests.Sessions.Hostile;

public sealed class RandomWrongsTests : HostileTests
{
    [Property(MaxTest = 500)]
    public Property A_mutated_PDU_at_any_step_has_the_end_that_the_oracle_says()
    {
        var steps = Enum.GetValues<Half>().SelectMany(half => Enumerable.Range(0, Conversation.StepsOf(half).Count).Select(step => (half, step)));
        var cases = Gen.Elements(steps).Zip(Gen.Choose(1, 3)).Zip(Gen.Choose(0, int.MaxValue - 1));
        return Prop.ForAll(Arb.From(cases), @case =>
        {
            var (((half, step), mutations), seed) = @case;
            Commit(new WrongThing($"{mutations} mutations by {seed}", (_, _) => true, m => Mutated(m, mutations, new Random(seed))), half, step);
        });
    }

    [Property(MaxTest = 150)]
    public Property A_mutated_plaintext_arrives_as_the_oracle_reads_it_or_not_at_all()
    {
        var cases = Gen.Choose(1, 3).Zip(Gen.Choose(0, int.MaxValue - 1));
        return Prop.ForAll(Arb.From(cases), @case =>
        {
            var (mutations, seed) = @case;
            Commit(
                new WrongThing($"{mutations} mutations by {seed}", (_, _) => true, m => MutatedPlaintext(m, mutations, new Random(seed))),
                Half.Initiator,
                Conversation.StepsOf(Half.Initiator).Count - 1);
        });
    }

    private static Deed Mutated(Moment m, int mutations, Random random)
    {
        var (tree, right) = (JsonTree.Of(m.RightDraft), JsonTree.Of(m.RightDraft));
        for (var i = 0; i < mutations; i++)
        {
            tree.Mutate(random);
        }

        var pdu = m.Conversation.Seal(tree.Write(random));
        var (follows, isSealed) = Oracle.Judge(tree, right, m);
        follows = follows == Follows.Unexpected && m.MayBeDeclined && tree.Find("header")!.Find("msg_type")!.Value == "\"nack\"" ? Follows.Declined : follows;
        follows = follows == Follows.Ignored && tree.Find("header")!.Find("msg_type")!.Value == "\"text\"" ? m.WhereIgnored(MsgType.Text) : follows;
        return new Deed(follows, Cut([.. pdu, (byte)'\n'], random))
        {
            RightSteps = follows == Follows.Success ? 1 : 0,
            Ignored = follows is Follows.Ignored or Follows.Unanswered ? 1 : 0,
            Counted = isSealed && m.HasKeys,
            OwnDh = !m.HasKeys && follows is Follows.Success or Follows.OtherKeys ? pdu : null,
        };
    }

    private static Deed MutatedPlaintext(Moment m, int mutations, Random random)
    {
        var tree = JsonTree.Of(Encoding.UTF8.GetString(m.Conversation.PlaintextOf(MsgType.Text)!));
        for (var i = 0; i < mutations; i++)
        {
            tree.Mutate(random);
        }

        var text = Oracle.Read(tree, m.Conversation.Id.ToString("D", CultureInfo.InvariantCulture));
        var pdu = m.Conversation.Seal(m.Conversation.DraftOf(MsgType.Text, Encoding.UTF8.GetBytes(tree.Write(random))));
        return new Deed(text is null ? Follows.Malformed : Follows.Success, Cut(pdu, random)) { RightSteps = text is null ? 0 : 1, Text = text };
    }

    private static byte[][] Cut(byte[] bytes, Random random)
    {
        var longest = 1 << random.Next(10);
        var pieces = new List<byte[]>();
        for (var start = 0; start < bytes.Length; start += pieces[^1].Length)
        {
            pieces.Add(bytes[start..Math.Min(bytes.Length, start + 1 + random.Next(longest))]);
        }

        return [.. pieces];
    }
}
