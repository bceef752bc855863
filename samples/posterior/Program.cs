using System.Globalization;
using AlignmentPosterior;
using LogDomain.Sequences;

// Two posteriors as pictures: where CTC says each letter of a word, and which places of two proteins belong together.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length != 2)
{
    Console.Error.WriteLine("usage: posterior FASTA FOLDER");
    return 2;
}

IReadOnlyList<FastaRecord> records = Fasta.Load(args[0]);
PairPosterior pairs = PairAlignment.Posterior(records[0].Sequence, records[1].Sequence);
PairPath accurate = pairs.MaximumExpectedAccuracy();
Console.WriteLine($"{records[0].Name} with {records[1].Name}: best score {PairAlignment.Align(records[0].Sequence, records[1].Sequence).Score}, expected right pairs {accurate.Score:F1} of {accurate.Columns.Count(column => column is { First: >= 0, Second: >= 0 })}");
Picture.Pairs(Path.Combine(args[1], "alignment.png"), pairs, records[0].Name, records[1].Name);

(double[] logProbabilities, int[] target) = Speech.Emissions();
double[] gradient = new double[logProbabilities.Length];
double loss = Ctc.LossAndGradient<double>(logProbabilities, Speech.Classes, target, gradient, new() { Input = CtcInput.LogProbabilities });
CtcAlignment path = Ctc.Align<double>(logProbabilities, Speech.Classes, target, new() { Input = CtcInput.LogProbabilities });
Console.WriteLine($"'{Speech.Word}' in {Speech.Frames} frames: loss {loss:F4}, best path {path.LogProbability:F4}");
Picture.Shares(Path.Combine(args[1], "ctc.png"), logProbabilities, gradient);
return 0;
