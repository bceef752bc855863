using LogDomain.Losses;
using SoftMaxRegression;

// A network's outputs for handwritten digits are the features: which digit is it, and how sure can one be? Rows 0 to 599 train, the other 299 test.
const int Steps = 2_000, TrainingRows = 600;
(Digits training, Digits test) = Digits.Load().SplitAt(TrainingRows);
Model model = new(Digits.Classes);
Adam adam = new(model.Weights.Length);
double[] logits = new double[training.Count * Digits.Classes], byWeight = new double[model.Weights.Length];
List<Point> curve = [];
double ofNetwork = CrossEntropy.Loss<double>(test.Features, test.Labels);
Console.WriteLine("cross-entropy in nats, accuracy");
Console.WriteLine();
Console.WriteLine("step   training            test");
for (int step = 0; ; step++)
{
    model.Logits(training, logits);
    double loss = CrossEntropy.LossAndGradient<double>(logits, training.Labels, logits);   // the gradient replaces the logits
    if (step % 20 == 0)
    {
        curve.Add(new(step, loss, model.Accuracy(training), model.Loss(test), model.Accuracy(test)));
    }

    if (step is 0 or 20 or 100 or 500 or 1_000 or Steps)
    {
        Point now = curve[^1];
        Console.WriteLine($"{step,4}   {now.TrainingLoss:F4}   {now.TrainingAccuracy,6:F3}   {now.TestLoss:F4}   {now.TestAccuracy,6:F3}");
    }

    if (step == Steps)
    {
        break;
    }

    model.Gradient(training, logits, byWeight);
    adam.Step(model.Weights, byWeight);
}

Console.WriteLine();
Console.WriteLine($"the network itself:      {ofNetwork:F4}   {Model.Accuracy(test.Features, test.Labels),6:F3}");
if (args.Length == 1)
{
    Picture.Save(args[0], curve, ofNetwork);
}
