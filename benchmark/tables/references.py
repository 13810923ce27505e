"""The works that a methods paragraph cites, as BibTeX."""

from __future__ import annotations

WORKS = {
    "efron1981": """@article{efron1981,
  author = {Efron, Bradley and Stein, Charles},
  title = {The Jackknife Estimate of Variance},
  journal = {The Annals of Statistics},
  volume = {9}, number = {3}, pages = {586--596}, year = {1981}
}""",
    "efron1993": """@book{efron1993,
  author = {Efron, Bradley and Tibshirani, Robert J.},
  title = {An Introduction to the Bootstrap},
  publisher = {Chapman \\& Hall}, year = {1993}
}""",
    "hillis2014": """@article{hillis2014,
  author = {Hillis, Stephen L.},
  title = {A marginal-mean {ANOVA} approach for analyzing multireader multicase radiological
    imaging data},
  journal = {Statistics in Medicine},
  volume = {33}, number = {2}, pages = {330--360}, year = {2014}
}""",
    "holm1979": """@article{holm1979,
  author = {Holm, Sture},
  title = {A Simple Sequentially Rejective Multiple Test Procedure},
  journal = {Scandinavian Journal of Statistics},
  volume = {6}, number = {2}, pages = {65--70}, year = {1979}
}""",
    "johnson2016": """@article{johnson2016,
  author = {Johnson, Alistair E. W. and Pollard, Tom J. and Shen, Lu and others},
  title = {{MIMIC-III}, a freely accessible critical care database},
  journal = {Scientific Data},
  volume = {3}, pages = {160035}, year = {2016}
}""",
    "mullenbach2018": """@inproceedings{mullenbach2018,
  author = {Mullenbach, James and Wiegreffe, Sarah and Duke, Jon and Sun, Jimeng and
    Eisenstein, Jacob},
  title = {Explainable Prediction of Medical Codes from Clinical Text},
  booktitle = {Proceedings of NAACL-HLT},
  pages = {1101--1111}, year = {2018}
}""",
    "noreen1989": """@book{noreen1989,
  author = {Noreen, Eric W.},
  title = {Computer-Intensive Methods for Testing Hypotheses: An Introduction},
  publisher = {Wiley}, year = {1989}
}""",
    "obuchowski1995": """@article{obuchowski1995,
  author = {Obuchowski, Nancy A. and Rockette, Howard E.},
  title = {Hypothesis testing of diagnostic accuracy for multiple readers and multiple tests: an
    {ANOVA} approach with dependent observations},
  journal = {Communications in Statistics - Simulation and Computation},
  volume = {24}, number = {2}, pages = {285--308}, year = {1995}
}""",
    "piaggio2012": """@article{piaggio2012,
  author = {Piaggio, Gilda and Elbourne, Diana R. and Pocock, Stuart J. and Evans, Stephen J. W.
    and Altman, Douglas G. and {CONSORT Group}},
  title = {Reporting of Noninferiority and Equivalence Randomized Trials: Extension of the
    {CONSORT} 2010 Statement},
  journal = {JAMA},
  volume = {308}, number = {24}, pages = {2594--2604}, year = {2012}
}""",
}
"""Key -> its entry."""
