using System.Globalization;
using Sentences;
using Vowels;

// Text without capitals and punctuation: where do sentences end, and which words have a capital? A conditional random field learns it from three quarters of the files of the documentation, and from the comments in the source.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Steps = 60;
string root = args.Length > 0 ? args[0] : ".";
Words[] texts = [.. Prose.Read(root).Select(file => new Words(file.Paragraphs))];
Words[] training = [.. texts.Where((_, i) => i % 4 != 1), .. Comments.Read(root).Select(paragraphs => new Words(paragraphs))], heldOut = [.. texts.Where((_, i) => i % 4 == 1)];
Features features = new(training);
Console.WriteLine($"{training.Sum(text => text.Inputs.Count):N0} words of {training.Length} files to learn from, {heldOut.Sum(text => text.Inputs.Count):N0} of {heldOut.Length} held out; {features.Count:N0} features");

Field field = new(features);
field.Train(training, Steps, (step, loss) =>
{
    if (step % 20 == 0)
    {
        Console.WriteLine($"step {step,3}: loss {loss:F4} nats a word");
    }
});

// To compare: for each word the tag that it has most often.
Dictionary<string, int> usual = training.SelectMany(text => text.Inputs.Zip(text.Right)).GroupBy(pair => pair.First)
    .ToDictionary(group => group.Key, group => group.GroupBy(pair => pair.Second).MaxBy(tags => tags.Count())!.Key);

int[] right = [.. heldOut.SelectMany(text => text.Right)], decoded = [.. heldOut.SelectMany(field.Decode)], guessed = [.. heldOut.SelectMany(text => text.Inputs.Select(word => usual.GetValueOrDefault(word)))];
Console.WriteLine("held out                   accuracy  precision  recall     F1");
foreach ((string what, int bit) in new[] { ("ends of sentences", Words.Ends), ("capitals", Words.HasCapital) })
{
    foreach ((string who, int[] found) in new[] { ("field", decoded), ("usual", guessed) })
    {
        Score score = Score.Of(right, found, bit);
        Console.WriteLine($"{what,-17}  {who}      {score.Accuracy,5:F3}      {score.Precision,5:F3}   {score.Recall,5:F3}  {score.F1,5:F3}");
    }
}

// Sixty words of the first of them, without and with what the field puts back.
const int First = 120, Count = 60;
string[] shown = [.. heldOut[0].Inputs.Skip(First).Take(Count)];
Console.WriteLine();
Console.WriteLine(string.Join(' ', shown));
Console.WriteLine();
Console.WriteLine(Words.Restore(shown, field.Decode(heldOut[0]).Skip(First)));
