namespace LogDomain.Losses;

/// <summary>To which classes label smoothing gives a part s of the target, C being the number of classes.</summary>
public enum LabelSmoothingConvention
{
    /// <summary>s / C to every class, the target included (Szegedy et al. 2016, section 7; PyTorch).</summary>
    AllClasses,

    /// <summary>s / (C - 1) to every class but the target (Megatron-LM). With one class there is no smoothing.</summary>
    OtherClasses,
}
