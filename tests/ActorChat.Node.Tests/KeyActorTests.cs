// What is derived and when, who is answered and when, and that neither tells a known name from an unknown one. Derivations cost nothing
// here and end when the test says so; since they run one at a time, the beginning of one shows that the actor is done with the one before.

using System.Net;
using System.Text.Json;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class KeyActorTests : NodeTestKit
{
    private const int Turn = 3;

    private static readonly string[] Ten = [.. Enumerable.Range(0, 10).Select(i => $"contact {i}")];

    private readonly LogFolder _folder = new(Directory.CreateTempSubdirectory("actorchat").FullName);
    private readonly FakeProfile _profile = new();
    private readonly IActorRef _keys;
    private int _ended;
    private int _callers;

    public KeyActorTests()
        : base($"akka.actor.serialize-messages = off\nactorchat.keys {{ turn = {Turn}, max-secrets = 2, max-waiting = 40 }}\nactorchat.guesses.free = 5")
    {
        LogKey.Create(_folder, passphrase: null).Dispose();
        _keys = NewKeyActor();
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    private string SecretsPath => Path.Combine(_folder.Path, "secrets.sealed");

    [Fact]
    public void A_typed_password_is_derived_once_however_many_ask_for_it()
    {
        _profile.Hold();
        for (var i = 0; i < 5; i++)
        {
            Initiate(Typed("password"));
        }

        _profile.LetOneEnd();
        var secrets = Enumerable.Range(0, 5).Select(_ => ExpectInitiated()).ToArray();
        Assert.Single(secrets.Distinct());
        Initiate(Typed("password"));
        Assert.Equal(secrets[0], ExpectInitiated());
        Assert.Single(_profile.Begun);
    }

    [Fact]
    public void The_parent_is_told_how_many_secrets_are_missing_where_they_are_many_until_none_is()
    {
        var parent = CreateTestProbe();
        var keys = parent.ChildActorOf(KeyActor.Props(Services.Settings, Clock, SystemRandomSource.Instance, new KnownProfiles(_profile)));
        keys.Tell(new KeyActor.UseContacts(new ContactDirectory(Enumerable.Range(0, 7).Select(i => Contact($"few {i}"))), "alice", Secrets: null));
        WaitUntilQuiet(keys);
        Assert.False(parent.HasMessages); // 14: two for each contact, for its conversations and for ours
        keys.Tell(new KeyActor.UseContacts(new ContactDirectory(Enumerable.Range(0, 8).Select(i => Contact($"many {i}"))), "alice", Secrets: null));
        Assert.Equal(Enumerable.Range(0, 17).Reverse(), Enumerable.Range(0, 17).Select(_ => parent.ExpectMsg<KeyActor.Preparing>().Missing));
    }

    [Fact]
    public void Another_password_or_another_name_is_another_secret()
    {
        Recipient[] recipients = [Typed("password"), Typed("other"), Typed("password") with { OwnName = "al" }];
        Assert.Equal(3, recipients.Select(recipient =>
        {
            Initiate(recipient);
            return ExpectInitiated();
        }).Distinct().Count());
    }

    [Fact]
    public void A_contact_is_called_with_its_own_password_and_the_name_that_it_knows_us_by()
    {
        Use([new Contact("carol", "carol's", "h", 1, "modern", As: "al"), Contact("bob")]);
        Initiate(To("carol") with { OwnName = "al" });
        Assert.Equal(SecretOf("carol's", "al"), ExpectInitiated());
        Initiate(To("bob"));
        Assert.Equal(SecretOf("bob's", "us"), ExpectInitiated());
    }

    [Fact]
    public void A_contact_that_has_left_the_directory_is_not_called()
    {
        Use(Contact("bob"));
        Use(Array.Empty<string>());
        Initiate(To("bob"));
        Assert.Equal("bob is not in the directory any more, or with another profile", ExpectMsg<KeyActor.Failed>().Reason);
    }

    [Fact]
    public void A_known_name_is_answered_with_its_contacts_secret_and_an_unknown_one_with_the_same_decoy_each_time()
    {
        UseReady(Contact("bob"));
        Assert.Equal(SecretOf("bob's", "bob"), SecretUsedFor("bob"));
        var decoy = SecretUsedFor("mallory");
        Assert.Equal(decoy, SecretUsedFor("mallory"));
        Assert.NotEqual(decoy, SecretUsedFor("Mallory"));
        Assert.NotEqual(decoy, SecretUsedFor("mallory", NewKeyActor())); // each KeyActor has a decoy of its own, which nobody else can compute
        Assert.Equal(["bob", "us"], _profile.Begun); // what a stranger sends does not cost an Argon2id
    }

    // A caller in another profile than its entry's is a stranger, and each profile answers strangers in its own way.
    [Fact]
    public void A_name_is_known_in_the_profile_of_its_entry_only()
    {
        UseReady(Contact("bob"), Classic("carol"));
        Assert.Equal(SecretOf("bob's", "bob"), SecretUsedFor("bob"));
        var carols = SecretUsedFor("carol");
        Assert.True(AgreesInClassic("carol", "carol's"));
        Assert.False(AgreesInClassic("carol", "bob's"));
        Assert.False(AgreesInClassic("bob", "bob's"));
        using var bobs = _profile.DeriveUserSecret("bob's", "bob");
        Assert.False(AgreesInClassic("bob", bobs));
        Assert.False(AgreesInClassic("mallory", "mallory's"));
        Assert.Equal(["bob", "us", "bob"], _profile.Begun); // the last one is the test's own; classic derives nothing

        Use(Contact("bob"));
        Assert.Equal(carols, SecretUsedFor("carol")); // still the decoy's
    }

    [Fact]
    public void Where_nobody_speaks_classic_a_classic_dh_1_is_answered_too()
    {
        UseReady(Contact("bob"));
        Assert.False(AgreesInClassic("bob", "bob's"));
    }

    [Fact]
    public void A_node_that_requires_post_quantum_keys_answers_classic_as_it_answers_a_stranger()
    {
        var keys = NewKeyActor("required");
        UseReady(keys, Classic("carol"));
        Assert.False(AgreesInClassic("carol", "carol's", keys));
    }

    // Classic derives nothing, so no secret is ever missing, and no wait is needed to hide that.
    [Fact]
    public void A_classic_dh_1_is_answered_at_once_while_secrets_are_derived_whosesoever_it_is()
    {
        _profile.Hold();
        Use([Contact("bob"), Classic("carol")]);
        Assert.True(AgreesInClassic("carol", "carol's"));
        Assert.False(AgreesInClassic("bob", "bob's"));
        Assert.False(AgreesInClassic("mallory", "mallory's"));
        Initiate(Recipient.Of(Classic("carol"), "us"));
        ExpectMsg<KeyActor.Initiated>().Dispose();
    }

    [Fact]
    public void A_contact_whose_profile_has_changed_is_not_called_in_the_old_one()
    {
        Use(Classic("carol"));
        Initiate(To("carol"));
        Assert.Equal("carol is not in the directory any more, or with another profile", ExpectMsg<KeyActor.Failed>().Reason);
        Initiate(Recipient.Of(Classic("carol"), "us"));
        ExpectMsg<KeyActor.Initiated>().Dispose();
    }

    [Fact]
    public void Of_a_classic_contact_no_secret_is_kept_in_the_file()
    {
        UseReady(Classic("carol"), Contact("bob"));
        AwaitKept(2); // bob's two, one for each direction
        var again = NewKeyActor();
        UseReady(again, Classic("carol"), Contact("bob"));
        Assert.True(AgreesInClassic("carol", "carol's", again));
        Assert.Equal(2, _profile.Begun.Count);
    }

    // A dh_1 that is refused for want of post-quantum keys gets the decoy's answer: to its sender this looks like a wrong password.
    [Theory]
    [InlineData("on", "bob", false, true)]
    [InlineData("on", "bob", true, true)]
    [InlineData("on", "carol", false, false)]
    [InlineData("on", "carol", true, true)]
    [InlineData("off", "bob", true, true)]
    [InlineData("off", "carol", true, false)] // our answer would have no ML-KEM-768
    [InlineData("required", "bob", false, false)]
    [InlineData("required", "bob", true, true)]
    public void Where_post_quantum_keys_are_required_and_will_not_come_about_the_answer_is_the_one_to_a_stranger(string setting, string name, bool isOffered, bool isTheirs)
    {
        var keys = NewKeyActor(setting);
        UseReady(keys, Contact("bob"), Contact("carol") with { RequiresPostQuantum = true });
        _profile.Options.Clear();
        var used = SecretUsedFor(name, keys, isOffered);
        Assert.Equal(isTheirs, used == SecretOf($"{name}'s", name));
        Assert.Equal(used, SecretUsedFor(name, keys, isOffered));
        Assert.NotEqual(SecretOf($"{name}'s", name), SecretUsedFor("mallory", keys, isOffered));

        // Known, refused or unknown: the options are the same, and so are the work and the members of dh_2.
        Assert.Equal(Enumerable.Repeat(new AgreementOptions(64, Enum.Parse<PostQuantum>(setting, ignoreCase: true)), 3), _profile.Options);
    }

    [Theory]
    [InlineData("on", "bob", false)]
    [InlineData("on", "carol", true)]
    [InlineData("off", "bob", false)]
    [InlineData("off", "carol", true)]
    [InlineData("required", "bob", true)]
    public void A_call_offers_what_the_settings_say_and_requires_what_they_or_the_entry_do(string setting, string name, bool isRequired)
    {
        var keys = NewKeyActor(setting);
        Contact[] contacts = [Contact("bob"), Contact("carol") with { RequiresPostQuantum = true }];
        UseReady(keys, contacts);
        _profile.Options.Clear();
        keys.Tell(new KeyActor.Initiate(Recipient.Of(contacts.Single(contact => contact.Username == name), "us")), TestActor);
        Assert.Equal(isRequired, ExpectMsg<KeyActor.Initiated>().RequiresPostQuantum);
        Assert.Equal(Enum.Parse<PostQuantum>(setting, ignoreCase: true), Assert.Single(_profile.Options).PostQuantum);
    }

    // With the real profile, a refusal has the same shape on the wire as a wrong password.
    [Theory]
    [InlineData("on")]
    [InlineData("required")]
    public void A_refusal_looks_like_the_answer_to_a_name_that_is_unknown(string setting)
    {
        var keys = Sys.ActorOf(KeyActor.Props(SettingsWith(setting), Clock, SystemRandomSource.Instance));
        Use(keys, [Contact("carol") with { RequiresPostQuantum = true }]);
        foreach (var isOffered in new[] { false, true })
        {
            Assert.Equal(ShapeOfAnswer("mallory", keys, isOffered), ShapeOfAnswer("carol", keys, isOffered));
        }

        Assert.NotEqual(ShapeOfAnswer("carol", keys, isOffered: false), ShapeOfAnswer("carol", keys, isOffered: true));
    }

    [Theory]
    [InlineData('"', 255)]
    [InlineData('\u00e9', 127)]
    [InlineData('\u592a', 85)]
    public void The_longest_names_dh_1_fits_the_least_limit_before_authentication(char letter, int count)
    {
        var name = new string(letter, count);
        Assert.Null(DirectoryReader.ProblemWithName(name));
        Assert.InRange(Dh1(name, isPostQuantum: true).Bytes.Length, 1, 4 << 10);
    }

    [Fact]
    public void A_caller_in_our_own_name_is_a_stranger()
    {
        Use("us", "bob");
        Assert.NotEqual(SecretOf("us's", "us"), SecretUsedFor("us"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData(" bob")]
    public void A_name_that_no_directory_can_hold_is_refused(string name)
    {
        Agree(name);
        ExpectMsg<KeyActor.Refused>();
    }

    [Fact]
    public void An_agreement_says_the_initiators_name_and_the_time_that_it_is()
    {
        Clock.SetUtcNow(DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000.5));
        Agree("mallory");
        Assert.Equal("mallory", ExpectMsg<KeyActor.Agreed>().InitiatorName);
        Assert.Equal(1_700_000_000.5, _profile.Timestamps.Single());
    }

    [Fact]
    public void The_whole_directory_is_derived_the_incoming_conversations_first_and_once()
    {
        UseReady(Contact("bob"), Contact("carol"));
        Assert.Equal(["bob", "carol", "us", "us"], _profile.Begun);
        UseReady(Contact("carol"), Contact("bob"));
        Assert.Equal(4, _profile.Begun.Count);
    }

    [Fact]
    public void While_secrets_are_missing_every_name_waits_for_the_same_number_of_derivations_known_or_not()
    {
        _profile.Hold();
        Use(Ten);
        EndOne(); // contact 0's
        string[] names = ["contact 0", "contact 9", "stranger", "contact 5", "us"];
        foreach (var name in names.Concat(names).Concat(names).Concat(names))
        {
            Agree(name);
        }

        for (var i = 1; i < Turn; i++)
        {
            EndOne();
            WaitUntilQuiet(_keys);
        }

        EndOne();
        var answers = Enumerable.Range(0, 4 * names.Length).Select(_ => ExpectMsg<KeyActor.Agreed>().InitiatorName).ToArray();
        Assert.Equal(names.Concat(names).Concat(names).Concat(names), answers);
    }

    [Fact]
    public void A_name_waits_once()
    {
        _profile.Hold();
        Use(Ten);
        Agree("contact 0");
        Agree("stranger");
        for (var i = 0; i < Turn; i++)
        {
            EndOne();
        }

        ExpectAgreed();
        ExpectAgreed();
        Agree("contact 0");
        ExpectAgreed();
        Agree("stranger");
        ExpectAgreed();
        Agree("another");
        WaitUntilQuiet(_keys);
    }

    [Fact]
    public void A_contact_that_waits_has_its_secret_made_next_and_strangers_have_nothing_made()
    {
        _profile.Hold();
        Use(Ten);
        AwaitBegun(1);
        Array.ForEach(["x", "y", "z"], Agree);
        Agree("contact 7");
        Array.ForEach(["u", "v"], Agree);
        Agree("contact 4");
        EndOne();
        EndOne();
        EndOne();
        Assert.Equal(["contact 0", "contact 7", "contact 4", "contact 1"], _profile.Begun);
        for (var i = 0; i < 7; i++)
        {
            ExpectAgreed();
        }

        EndOne();
        Assert.Equal("contact 2", _profile.Begun.Last());
    }

    [Fact]
    public void With_three_thousand_contacts_and_a_hundred_strangers_a_second_a_contact_gets_through_at_its_turn()
    {
        _profile.Hold();
        Use([.. Enumerable.Range(0, 3000).Select(i => $"contact {i}")]);
        AwaitBegun(1);
        var contact = CreateTestProbe();
        Agree("contact 2999", contact, IPAddress.Parse("198.51.100.7"));
        for (var i = 0; i < Turn; i++)
        {
            for (var stranger = 0; stranger < 13; stranger++)
            {
                Agree($"stranger {i} {stranger}", CreateTestProbe(), IPAddress.Parse($"203.0.113.{stranger}"));
            }

            EndOne();
        }

        Assert.Equal(SecretOf("contact 2999's", "contact 2999"), Used(contact.ExpectMsg<KeyActor.Agreed>()));
    }

    [Fact]
    public void A_caller_that_waits_is_answered_as_soon_as_no_secret_is_missing()
    {
        _profile.Hold();
        Use("bob", "carol");
        AwaitBegun(1);
        Agree("bob");
        Agree("stranger");
        EndOne();
        WaitUntilQuiet(_keys);
        EndOne(); // the last of the incoming ones
        Assert.Equal(SecretOf("bob's", "bob"), ExpectAgreed());
        ExpectAgreed();
    }

    [Fact]
    public void A_contact_whose_secret_is_not_there_when_its_turn_has_come_hears_what_a_stranger_hears_and_gets_through_later()
    {
        _profile.Hold();
        Use(Ten);
        AwaitBegun(1);
        Array.ForEach(["contact 9", "contact 8", "contact 7", "contact 6"], Agree);
        EndOne();
        EndOne();
        EndOne();
        Assert.Equal(SecretOf("contact 9's", "contact 9"), ExpectAgreed());
        Assert.Equal(SecretOf("contact 8's", "contact 8"), ExpectAgreed());
        Assert.NotEqual(SecretOf("contact 7's", "contact 7"), ExpectAgreed());
        Assert.NotEqual(SecretOf("contact 6's", "contact 6"), ExpectAgreed());
        EndOne(); // contact 7's was under way
        Agree("contact 7");
        Assert.Equal(SecretOf("contact 7's", "contact 7"), ExpectAgreed());
    }

    [Fact]
    public void A_caller_that_has_gone_takes_no_place_and_no_work_is_done_for_it()
    {
        _profile.Hold();
        Use(Ten);
        AwaitBegun(1);
        var caller = Sys.ActorOf(Akka.TestKit.TestActors.BlackHoleActor.Props);
        for (var i = 0; i < 40; i++)
        {
            Agree($"contact {i % 10}", caller);
        }

        Agree("one too many", CreateTestProbe());
        Sys.Stop(caller);
        var another = CreateTestProbe();
        MustHappen(() =>
        {
            Agree("contact 9", another);
            _keys.Tell(new Identify(null), another);
            return another.ExpectMsg<object>() is ActorIdentity || another.ExpectMsg<ActorIdentity>() is null; // there is room again
        });
        EndOne();
        Assert.Equal(["contact 0", "contact 9"], _profile.Begun);
    }

    [Fact]
    public void One_caller_more_than_may_wait_is_refused_at_once()
    {
        _profile.Hold();
        Use(Ten);
        for (var i = 0; i < 40; i++)
        {
            Agree($"stranger {i}");
        }

        Agree("contact 1");
        Assert.Equal("too many conversations wait for their keys", ExpectMsg<KeyActor.Failed>().Reason);
    }

    [Fact]
    public void Our_own_calls_and_those_of_contacts_take_turns()
    {
        _profile.Hold();
        Use(Ten);
        AwaitBegun(1);
        Initiate(Typed("one"));
        Initiate(Typed("two"));
        Agree("contact 9");
        Agree("contact 8");
        for (var i = 0; i < 4; i++)
        {
            EndOne();
        }

        Assert.Equal(["contact 0", "us", "contact 9", "us", "contact 8"], _profile.Begun);
    }

    [Fact]
    public void What_we_call_with_is_made_when_it_is_needed_although_contacts_still_lack_theirs()
    {
        _profile.Hold();
        Use(Ten);
        AwaitBegun(1);
        Initiate(To("contact 9"));
        EndOne();
        EndOne();
        Assert.Equal(SecretOf("contact 9's", "us"), ExpectInitiated());
    }

    [Fact]
    public void A_slow_derivation_delays_no_agreement()
    {
        UseReady(Contact("bob"));
        _profile.Hold();
        Initiate(Typed("slow"));
        Agree("bob");
        ExpectAgreed();
        Agree("stranger");
        ExpectAgreed();
    }

    [Fact]
    public void Wrong_guesses_make_the_next_one_wait_and_a_proof_takes_its_guess_back()
    {
        for (var i = 0; i < 5; i++)
        {
            Agree("alice");
            ExpectAgreed();
        }

        Agree("alice");
        WaitUntilQuiet(_keys);
        Scheduler.Advance(TimeSpan.FromMilliseconds(249));
        WaitUntilQuiet(_keys);
        Scheduler.Advance(TimeSpan.FromMilliseconds(1));
        ExpectAgreed();
        for (var i = 0; i < 6; i++)
        {
            _keys.Tell(new KeyActor.HasProved("alice", IPAddress.Loopback));
        }

        for (var i = 0; i < 20; i++)
        {
            Agree("alice");
            ExpectAgreed();
            _keys.Tell(new KeyActor.HasProved("alice", IPAddress.Loopback));
        }
    }

    [Fact]
    public void The_wait_after_wrong_guesses_and_the_one_for_a_names_turn_run_at_the_same_time()
    {
        for (var i = 0; i < 5; i++)
        {
            Agree("alice");
            ExpectAgreed();
        }

        _profile.Hold();
        Use(Ten);
        Agree("alice");
        WaitUntilQuiet(_keys);
        Scheduler.Advance(TimeSpan.FromMilliseconds(250));
        WaitUntilQuiet(_keys);
        for (var i = 0; i < Turn; i++)
        {
            EndOne();
        }

        ExpectAgreed();
    }

    [Fact]
    public void After_failed_key_confirmations_the_next_call_to_that_address_waits_and_a_good_one_takes_that_back()
    {
        var impostor = Typed("password");
        var elsewhere = Typed("password") with { Port = 2 };
        Initiate(impostor);
        ExpectInitiated();
        for (var i = 0; i < 5; i++)
        {
            _keys.Tell(new KeyActor.KeyConfirmation(impostor, Good: false));
        }

        Initiate(impostor);
        WaitUntilQuiet(_keys);
        Initiate(elsewhere);
        ExpectInitiated();
        Scheduler.Advance(TimeSpan.FromMilliseconds(250));
        ExpectInitiated();
        _keys.Tell(new KeyActor.KeyConfirmation(impostor, Good: true));
        Initiate(impostor);
        ExpectInitiated();
    }

    [Fact]
    public void A_derivation_that_fails_is_told_to_us_and_tried_again_for_the_next_call()
    {
        _profile.Failing["us"] = "no ICU here";
        Initiate(Typed("password"));
        Assert.Equal("no ICU here", ExpectMsg<KeyActor.Failed>().Reason);
        _profile.Failing.Clear();
        Initiate(Typed("password"));
        ExpectInitiated();
    }

    [Fact]
    public void A_contact_whose_secret_cannot_be_derived_is_answered_as_a_stranger_is_and_closes_the_door_for_nobody()
    {
        _profile.Failing["bob"] = "no ICU here";
        _profile.Hold();
        Use("bob");
        Agree("bob");
        Agree("stranger");
        EndOne();
        ExpectAgreed();
        ExpectAgreed();
        Agree("bob");
        ExpectAgreed();
    }

    [Fact]
    public void An_agreement_that_the_profile_refuses_is_refused_and_one_that_fails_is_told_at_once()
    {
        _profile.RefusesAgreements = true;
        Agree("stranger");
        ExpectMsg<KeyActor.Refused>();
        _profile.FailsAgreements = true;
        Agree("stranger");
        Assert.Equal("out of luck", ExpectMsg<KeyActor.Failed>().Reason);
        Initiate(Typed("password"));
        Assert.Equal("out of luck", ExpectMsg<KeyActor.Failed>().Reason);
        _profile.FailsAgreements = _profile.RefusesAgreements = false;
        Agree("stranger");
        ExpectAgreed();
    }

    [Fact]
    public void A_typed_password_beyond_the_bound_is_cleared_and_derived_again_and_those_of_contacts_never()
    {
        UseReady(Contact("bob"), Contact("carol"), Contact("dave"));
        foreach (var password in new[] { "one", "two", "one", "three" })
        {
            Initiate(Typed(password));
            ExpectInitiated();
        }

        Assert.Equal([false, true, false], _profile.Derived.Skip(6).Select(FakeProfile.IsCleared)); // "two" was the least recently used
        Assert.All(_profile.Derived.Take(6), secret => Assert.False(FakeProfile.IsCleared(secret)));
    }

    [Fact]
    public void A_contact_that_leaves_takes_its_secrets_along_and_a_caller_that_waits_in_its_name_is_a_stranger_now()
    {
        UseReady(Contact("bob"));
        _profile.Hold();
        Use("bob", "carol");
        Agree("bob");
        WaitUntilQuiet(_keys);
        Use("carol");
        EndOne();
        Assert.NotEqual(SecretOf("bob's", "bob"), ExpectAgreed());
        Assert.Equal([true, true], _profile.Derived.Take(2).Select(FakeProfile.IsCleared));
    }

    [Fact]
    public void Every_secret_is_cleared_when_the_node_stops_and_a_decoy_before_its_answer_goes_out()
    {
        UseReady(Contact("bob"));
        Agree("stranger");
        ExpectAgreed();
        Assert.True(FakeProfile.IsCleared(_profile.Used.Last()));
        Watch(_keys);
        _keys.Tell(PoisonPill.Instance);
        ExpectTerminated(_keys);
        Assert.Equal([true, true], _profile.Derived.Select(FakeProfile.IsCleared));
    }

    [Fact]
    public void A_restart_derives_nothing_again_and_an_edit_of_one_contact_only_that_one()
    {
        UseReady(Contact("bob"), Contact("carol"));
        AwaitKept(4);
        Assert.Equal(4, _profile.Begun.Count);

        var again = NewKeyActor();
        UseReady(again, Contact("bob"), Contact("carol"));
        Assert.Equal(SecretOf("carol's", "carol"), SecretUsedFor("carol", again));
        Assert.Equal(4, _profile.Begun.Count);

        UseReady(NewKeyActor(), Contact("bob"), Contact("carol") with { Password = "another" }, Contact("dave") with { As = "al" });
        Assert.Equal(["carol", "dave", "us", "al"], _profile.Begun.Skip(4));
    }

    [Fact]
    public void Secrets_are_kept_as_they_are_made()
    {
        _profile.Hold();
        Use(Ten);
        EndOne();
        AwaitKept(1);
        EndOne();
        EndOne();
        AwaitKept(3);
        _profile.LetAllEnd();
        AwaitKept(20);
    }

    [Fact]
    public void Of_a_contact_that_has_left_nothing_is_kept()
    {
        UseReady(Contact("bob"), Contact("carol"));
        AwaitKept(4);
        Use(Contact("carol"));
        AwaitKept(2);
        UseReady(NewKeyActor());
        AwaitKept(0);
    }

    [Theory]
    [InlineData("an altered file")]
    [InlineData("a folder in the file's place")]
    public void What_was_altered_or_cannot_be_read_is_not_used(string what)
    {
        UseReady(Contact("bob"));
        AwaitKept(2);
        var bytes = File.ReadAllBytes(SecretsPath);
        File.Delete(SecretsPath);
        if (what == "an altered file")
        {
            bytes[^1] ^= 1;
            File.WriteAllBytes(SecretsPath, bytes);
        }
        else
        {
            Directory.CreateDirectory(SecretsPath);
        }

        var again = NewKeyActor();
        UseReady(again, Contact("bob"));
        Assert.Equal(SecretOf("bob's", "bob"), SecretUsedFor("bob", again));
        Assert.Equal(2, _profile.DerivationsOf("bob"));
    }

    [Fact]
    public void A_credential_shows_its_name_and_never_its_password() => Assert.Equal("alice", new Credential(_profile, "secret", "alice").ToString());

    protected override void AfterAll()
    {
        _profile.LetAllEnd();
        Shutdown();
        base.AfterAll();
        MustHappen(TryDeleteFolder);
    }

    // A task outside the actors may still be writing secrets into the folder.
    private bool TryDeleteFolder()
    {
        try
        {
            Directory.Delete(_folder.Path, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static Contact Contact(string name) => new(name, $"{name}'s", "h", 1, "modern", null);

    private static Contact Classic(string name) => Contact(name) with { Profile = "classic" };

    // Whether the dh_2 in answer to a classic dh_1 leads to the keys that this password gives.
    private bool AgreesInClassic(string name, string password, IActorRef? keys = null)
    {
        using var secret = ClassicProfile.Instance.DeriveUserSecret(password, name);
        return AgreesInClassic(name, secret, keys);
    }

    private bool AgreesInClassic(string name, UserSecret secret, IActorRef? keys = null)
    {
        using var initiation = ClassicProfile.Instance.Initiate(secret, name, timestamp: 1.5, SystemRandomSource.Instance);
        Assert.Equal(Verdict.Accept, PduReader.Read(initiation.Dh1, PduFormat.Classic, out var dh1));
        (keys ?? _keys).Tell(new KeyActor.Agree(ClassicProfile.Instance.ReadOffer(dh1!)!, new IPAddress([10, 0, 0, (byte)(++_callers % 250)])), TestActor);
        using var agreed = ExpectMsg<KeyActor.Agreed>();
        Assert.Equal(Verdict.Accept, PduReader.Read(agreed.Agreement.Dh2, PduFormat.Classic, out var dh2));
        using var ours = initiation.Complete(dh2!)!.Keys;
        using var channel = new SealedChannel(PduFormat.Classic, ours.Initiator, ours.Responder);
        using var theirs = new SealedChannel(PduFormat.Classic, agreed.Agreement.Keys.Responder, agreed.Agreement.Keys.Initiator);
        return theirs.VerifyResponse(new byte[SealedChannel.ChallengeSize], channel.Respond(new byte[SealedChannel.ChallengeSize]));
    }

    private static Recipient To(string name) => Recipient.Of(Contact(name), "us");

    private static Recipient Typed(string password) => Recipient.Of(new HostPort("h", 1), password, "us");

    private static Pdu Dh1(string name, bool isPostQuantum = false)
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        using var initiation = ModernProfile.Instance.Initiate(secret, name, timestamp: 1.5, SystemRandomSource.Instance, new AgreementOptions(PostQuantum: isPostQuantum ? PostQuantum.On : PostQuantum.Off));
        Assert.Equal(Verdict.Accept, PduReader.Read(initiation.Dh1, PduFormat.Modern, out var pdu));
        return pdu!;
    }

    private static Offer Offer(string name, bool isPostQuantum = false) => ModernProfile.Instance.ReadOffer(Dh1(name, isPostQuantum))!;

    private static string SecretOf(string password, string name)
    {
        using var secret = new FakeProfile().DeriveUserSecret(password, name);
        return Convert.ToHexString(FakeProfile.Fingerprint(secret));
    }

    private static string Used(KeyActor.Agreed agreed)
    {
        agreed.Agreement.Keys.Dispose();
        return Convert.ToHexString(agreed.Agreement.Dh2);
    }

    private IActorRef NewKeyActor() => Sys.ActorOf(KeyActor.Props(Services.Settings, Clock, SystemRandomSource.Instance, new KnownProfiles(_profile, ClassicProfile.Instance)));

    private IActorRef NewKeyActor(string postQuantum) => Sys.ActorOf(KeyActor.Props(SettingsWith(postQuantum), Clock, SystemRandomSource.Instance, new KnownProfiles(_profile, ClassicProfile.Instance)));

    private NodeSettings SettingsWith(string postQuantum) => Services.Settings with { PostQuantum = Enum.Parse<PostQuantum>(postQuantum, ignoreCase: true) };

    private void Use(params string[] contacts) => Use([.. contacts.Select(Contact)]);

    private void Use(params Contact[] contacts) => Use(_keys, contacts);

    private void Use(IActorRef keys, Contact[] contacts)
    {
        using var key = LogKey.Open(_folder, passphrase: null);
        keys.Tell(new KeyActor.UseContacts(new ContactDirectory(contacts), "us", key.SecretsFile(_folder)));
    }

    private void UseReady(params Contact[] contacts) => UseReady(_keys, contacts);

    // Returns when every secret is there. Secrets for our own calls are derived last, so this calls each contact.
    private void UseReady(IActorRef keys, params Contact[] contacts)
    {
        Use(keys, contacts);
        Assert.True(contacts.Length <= Turn);
        Agree("nobody", keys, TestActor, IPAddress.IPv6Loopback);
        ExpectAgreed();
        keys.Tell(new KeyActor.HasProved("nobody", IPAddress.IPv6Loopback));
        foreach (var contact in contacts)
        {
            keys.Tell(new KeyActor.Initiate(Recipient.Of(contact, "us")), TestActor);
            ExpectInitiated();
        }

        _profile.Used.Clear();
        _ended = _profile.Begun.Count;
    }

    private void Agree(string name) => Agree(name, TestActor);

    private void Agree(string name, IActorRef asker) => Agree(name, _keys, asker, new IPAddress([10, 0, 0, (byte)(++_callers % 250)]));

    private void Agree(string name, IActorRef asker, IPAddress from) => Agree(name, _keys, asker, from);

    private static void Agree(string name, IActorRef keys, IActorRef asker, IPAddress from) => keys.Tell(new KeyActor.Agree(Offer(name), from), asker);

    private void Initiate(Recipient recipient) => _keys.Tell(new KeyActor.Initiate(recipient), TestActor);

    private string SecretUsedFor(string name) => SecretUsedFor(name, _keys);

    private string SecretUsedFor(string name, IActorRef keys, bool isPostQuantum = false)
    {
        keys.Tell(new KeyActor.Agree(Offer(name, isPostQuantum), IPAddress.Loopback), TestActor);
        return ExpectAgreed();
    }

    // The members of the dh_2's body and the lengths of their values.
    private string ShapeOfAnswer(string name, IActorRef keys, bool isOffered)
    {
        keys.Tell(new KeyActor.Agree(Offer(name, isOffered), new IPAddress([10, 0, 0, (byte)(++_callers % 250)])), TestActor);
        using var agreed = ExpectMsg<KeyActor.Agreed>();
        using var dh2 = JsonDocument.Parse(agreed.Agreement.Dh2);
        return string.Join(", ", dh2.RootElement.GetProperty("body").EnumerateObject().Select(member => $"{member.Name} {member.Value.GetRawText().Length}"));
    }

    private string ExpectInitiated()
    {
        using var initiation = ExpectMsg<KeyActor.Initiated>().Initiation;
        return Convert.ToHexString(initiation.Dh1);
    }

    private string ExpectAgreed() => Used(ExpectMsg<KeyActor.Agreed>());

    private void AwaitBegun(int count) => MustHappen(() => _profile.Begun.Count >= count);

    // Lets a derivation end, and returns when the actor has dealt with it: the next one has begun.
    private void EndOne()
    {
        AwaitBegun(++_ended);
        _profile.LetOneEnd();
        AwaitBegun(_ended + 1);
    }

    private void AwaitKept(int records)
    {
        using var key = LogKey.Open(_folder, passphrase: null);
        using var file = key.SecretsFile(_folder);
        MustHappen(() =>
        {
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            return file.Read().Length == records * SecretsFile.RecordSize;
        });
    }
}
